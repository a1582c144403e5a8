"""What the running system tells those who watch it: lines of the log, metrics, and the work at hand that both describe."""
