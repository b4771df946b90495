"""Sources turn what somebody else knows (an API server, a recording) into facts."""
