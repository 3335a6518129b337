"""What a monitoring system reads of a process: figures in Prometheus' text format."""
