"""Words for what photos show: everyday ones, and the tree of tags."""
