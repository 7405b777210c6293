"""Everything with a touch screen, a hall screen or a loudspeaker; reaches the queue server only over HTTP."""
