"""What all pages share: state, cached calls and jobs, the frame of a page, and ways to show results."""
