"""The parts that everything else depends on."""
