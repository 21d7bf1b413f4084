using System.Globalization;

namespace DeployCard.EndToEnd.Tests.Support.Cluster;

/// <summary>
/// Describes the current pods: those that are starting and those that serve. A pod that has stopped listening no longer counts, although
/// its process takes a moment to exit, longer on a busy machine.
/// </summary>
internal sealed class PodObserver
{
    private const string Listen = "0A";

    // The processes that have been observed listening.
    private readonly HashSet<int> served = [];

    /// <summary>Returns a description of each process that is a starting or serving pod.</summary>
    public IReadOnlyList<string> DescribeAll(IEnumerable<int> processes) => [.. processes.Select(Describe).OfType<string>()];

    private string? Describe(int process)
    {
        if (!IsListening(process))
            return served.Contains(process) ? null : $"process {process} is starting";
        served.Add(process);
        return $"process {process} serves";
    }

    /// <summary>Whether a process has a listening socket in its network namespace.</summary>
    private static bool IsListening(int process)
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
            // The process has exited.
            return false;
        }
    }
}
