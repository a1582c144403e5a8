"""Numbers: records looked up by number, one or many, and where a number leads."""
