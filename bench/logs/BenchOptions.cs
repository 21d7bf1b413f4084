namespace DeployCard.Bench.Logs;

/// <summary>Durations, repetitions and sizes, from the command line.</summary>
/// <param name="Duration">Duration of one flood, and of the load during it.</param>
/// <param name="Rounds">Number of measurements of each variant.</param>
/// <param name="LinesPerSecond">Number of lines per second that the flooding pod writes.</param>
/// <param name="Subscribers">Maximum number of concurrent subscribers of one log.</param>
/// <param name="Sockets">Maximum number of WebSockets that the subscribers share.</param>
/// <param name="Ticks">Number of lines sent to the subscribers.</param>
/// <param name="TickInterval">Interval between two of these lines.</param>
/// <param name="KeptLines">Number of lines of the log that is downloaded.</param>
internal sealed record BenchOptions(
    TimeSpan Duration,
    int Rounds,
    int LinesPerSecond,
    int Subscribers,
    int Sockets,
    int Ticks,
    TimeSpan TickInterval,
    int KeptLines
);
