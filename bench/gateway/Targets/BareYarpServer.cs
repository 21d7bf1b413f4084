using System.Diagnostics;
using DeployCard.Bench.Common.Processes;

namespace DeployCard.Bench.Gateway.Targets;

/// <summary>The peer that forwards with YARP only, in a separate process.</summary>
internal static class BareYarpServer
{
    /// <summary>Starts the server in front of a pod and waits until it responds.</summary>
    public static async Task<(ServerProcess Process, string Origin)> Start(string pod, CancellationToken cancellationToken)
    {
        var origin = $"http://127.0.0.1:{Ports.FindFree()}";
        var start = new ProcessStartInfo("dotnet", [BuildOutput.BareYarp, "--urls", origin, "--destination", pod]);
        return (await ServerProcess.Start(start, new($"{origin}/healthz"), TimeSpan.FromMilliseconds(50), cancellationToken), origin);
    }
}
