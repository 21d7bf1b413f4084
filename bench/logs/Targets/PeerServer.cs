using DeployCard.Bench.Common.Processes;

namespace DeployCard.Bench.Logs.Targets;

/// <summary>The peer of the fan-out.</summary>
/// <param name="Origin">Where it is.</param>
/// <param name="Process">It.</param>
internal sealed record PeerServer(string Origin, ServerProcess Process) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Process.DisposeAsync();
}
