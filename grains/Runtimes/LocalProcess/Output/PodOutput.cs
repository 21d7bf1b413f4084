namespace DeployCard.Grains.Runtimes.LocalProcess.Output;

/// <summary>What one run of a program writes: all lines go to <paramref name="give"/>, and the last ones stay here.</summary>
internal sealed class PodOutput(int lineLimit, Action<LogStream, RawLines> give)
{
    private readonly Lock sync = new();
    private readonly LastLines last = new();

    /// <summary>What it wrote last.</summary>
    public IReadOnlyList<string> LastLines
    {
        get
        {
            lock (sync)
            {
                return last.ToList();
            }
        }
    }

    /// <summary>The line that most likely says why it failed; null for none.</summary>
    public string? Complaint
    {
        get
        {
            lock (sync)
            {
                return last.Complaint();
            }
        }
    }

    public Task ReadOut(Stream stream, CancellationToken cancellationToken) => Read(stream, LogStream.Stdout, cancellationToken);

    public Task ReadErr(Stream stream, CancellationToken cancellationToken) => Read(stream, LogStream.Stderr, cancellationToken);

    private async Task Read(Stream stream, LogStream from, CancellationToken cancellationToken)
    {
        var lines = new RawLines(0);
        var splitter = new LineSplitter(lineLimit, (line, cut) => lines.Add(line, cut));
        var buffer = new byte[64 * 1024];
        try
        {
            int count;
            while ((count = await stream.ReadAsync(buffer, cancellationToken)) > 0)
            {
                splitter.Add(buffer.AsSpan(0, count));
                if (lines.Count > 0)
                    Take(from, lines);

                lines = new(count);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The pod has ended and somebody who left its group holds the pipe: what came is all that we take.
        }

        splitter.End();
        if (lines.Count > 0)
            Take(from, lines);
    }

    private void Take(LogStream from, RawLines lines)
    {
        lock (sync)
        {
            foreach (var line in lines.Last(Output.LastLines.Kept))
                last.Add(from, line);
        }

        give(from, lines);
    }
}
