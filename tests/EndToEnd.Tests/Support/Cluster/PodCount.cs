using System.Globalization;

namespace DeployCard.EndToEnd.Tests.Support.Cluster;

/// <summary>
/// Tells the pods that are there: those that start and those that serve. One that has stopped listening serves nobody any more, though its process
/// takes a moment to end, longer on a busy machine.
/// </summary>
internal sealed class PodCount
{
    private const string Listen = "0A";

    // The processes that were seen to listen.
    private readonly HashSet<int> served = [];

    /// <summary>Those of these processes that are pods that are there, each in words.</summary>
    public IReadOnlyList<string> Of(IEnumerable<int> processes) => [.. processes.Select(Told).OfType<string>()];

    private string? Told(int process)
    {
        if (!Listens(process))
            return served.Contains(process) ? null : $"process {process} starts";
        served.Add(process);
        return $"process {process} serves";
    }

    /// <summary>Whether a process has a socket that listens, in the network that it is in.</summary>
    private static bool Listens(int process)
    {
        try
        {
            var own = Directory.EnumerateFiles($"/proc/{process}/fd").Select(file => new FileInfo(file).LinkTarget).ToHashSet();
            return new[] { "tcp", "tcp6" }
                .SelectMany(table => File.ReadLines($"/proc/{process}/net/{table}").Skip(1))
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Any(row => row[3] == Listen && own.Contains(string.Create(CultureInfo.InvariantCulture, $"socket:[{row[9]}]")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is gone.
            return false;
        }
    }
}
