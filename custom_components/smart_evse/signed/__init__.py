"""What a meter has signed: read, verified, judged and exported. It looks nothing up and asks nobody."""
