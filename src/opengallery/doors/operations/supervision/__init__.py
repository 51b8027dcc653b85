"""Every supervised delivery."""
