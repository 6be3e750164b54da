"""The benchmarks behind ``make bench``: ``python -m benchmarks --help`` lists them."""
