using DeployCard.Bench.Common.Processes;

namespace DeployCard.Bench.Logs.Targets;

/// <summary>The peer of the fan-out benchmark; disposing it stops its process.</summary>
/// <param name="Origin">URL of the server, without a path.</param>
/// <param name="Process">Process of the server.</param>
internal sealed record PeerServer(string Origin, ServerProcess Process) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Process.DisposeAsync();
}
