"""What a bundle costs: time, memory, disk, arithmetic, each beside what it is held against."""
