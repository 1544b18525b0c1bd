"""The app: a library in a browser, served to this machine only, with an API for other programs."""
