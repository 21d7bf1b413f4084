namespace DeployCard.Bench.Logs;

/// <summary>How long, how often and how much.</summary>
/// <param name="Duration">Of one flood, and of the load beside it.</param>
/// <param name="Rounds">How often each way is measured.</param>
/// <param name="Rate">Lines that the flooding pod writes in a second.</param>
/// <param name="Subscribers">Who watch one log at once.</param>
/// <param name="Sockets">Over how many connections they do.</param>
/// <param name="Ticks">Lines that they are sent.</param>
/// <param name="Pause">Between two of these lines.</param>
/// <param name="Kept">Lines of the log that is downloaded.</param>
internal sealed record BenchOptions(
    TimeSpan Duration,
    int Rounds,
    int Rate,
    int Subscribers,
    int Sockets,
    int Ticks,
    TimeSpan Pause,
    int Kept
);
