"""What ANSA promises, measured: one question a file, each a command that writes its report.

``python -m benchmarks`` asks all of them.
"""
