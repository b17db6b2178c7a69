"""What PDF exports share: fonts for most alphabets, and text that never loses a letter unseen."""
