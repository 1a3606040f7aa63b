"""Measures dcrf beside other servers; `scripts/bench` is its command line."""
