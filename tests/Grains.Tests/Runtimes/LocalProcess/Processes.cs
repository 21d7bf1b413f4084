using System.Globalization;

namespace DeployCard.Grains.Tests.Runtimes.LocalProcess;

/// <summary>Looks at processes from outside.</summary>
internal static class Processes
{
    /// <summary>Waits until the file has that many lines, each a process's number.</summary>
    public static async Task<int[]> Read(string file, int count)
    {
        var lines = Array.Empty<string>();
        await Until(
            () => (lines = File.Exists(file) ? File.ReadAllText(file).Split('\n')[..^1] : []).Length >= count,
            $"{count} lines in {file}"
        );
        return [.. lines.Select(line => int.Parse(line, CultureInfo.InvariantCulture))];
    }

    /// <summary>Waits until they have ended; one that nobody collects counts as ended.</summary>
    public static Task Ended(params int[] processes) => Until(() => !processes.Any(IsAlive), $"the end of {string.Join(", ", processes)}");

    public static bool IsAlive(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    public static async Task Until(Func<bool> happened, string what)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!happened())
        {
            if (TimeProvider.System.GetElapsedTime(start) > LocalProcessHost.Patience)
                throw new TimeoutException($"Never seen: {what}.");

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
