"""The queue of a service hall: rules, store, HTTP API and pages."""
