"""Reads the text of a scrape back as a monitoring system does."""

from prometheus_client.parser import text_string_to_metric_families


def families(text):
    """Return the metrics of a scrape by the name they are exposed under."""
    found = {}
    for family in text_string_to_metric_families(text.decode()):
        name = f"{family.name}_total" if family.type == "counter" else family.name
        assert name not in found, f"{name} is told twice"
        found[name] = family
    return found


def values(text, name):
    """Return the values of a metric by its labels, in the order of their names."""
    found = families(text)[name].samples
    return {tuple(v for _, v in sorted(s.labels.items())): s.value for s in found if s.name == name}


def samples(part):
    """Return the values of a part by metric and labels, in the order of their names."""
    return {
        (s.name, *(value for _, value in sorted(s.labels.items()))): s.value
        for metric in part
        for s in metric.samples
    }
