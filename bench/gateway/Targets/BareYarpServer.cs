using System.Diagnostics;
using DeployCard.Bench.Common.Processes;

namespace DeployCard.Bench.Gateway.Targets;

/// <summary>YARP and nothing else, in a process of its own.</summary>
internal static class BareYarpServer
{
    public static async Task<(ServerProcess Process, string Origin)> Start(string pod, CancellationToken cancellationToken)
    {
        var origin = $"http://127.0.0.1:{Ports.Free()}";
        var start = new ProcessStartInfo("dotnet", [Built.BareYarp, "--urls", origin, "--destination", pod]);
        return (await ServerProcess.Start(start, new($"{origin}/healthz"), TimeSpan.FromMilliseconds(50), cancellationToken), origin);
    }
}
