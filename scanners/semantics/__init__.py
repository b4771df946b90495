"""What the API means, written once and tested hard: selectors, requests, schedules, owners, placement."""
