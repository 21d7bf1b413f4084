using DeployCard.Common.Text;

namespace DeployCard.Kubernetes.Output;

/// <summary>One response of the log API, read line by line. The node sends no headers before it has a first line.</summary>
/// <param name="open">Sends the request; returns null if there is nothing to read.</param>
/// <param name="time">The clock for timeouts.</param>
internal sealed class LogConnection(Func<CancellationToken, Task<Stream?>> open, TimeProvider time) : IAsyncDisposable
{
    private const int MaxLineBytes = 16 * 1024;
    private const int BufferSize = 8 * 1024;

    private readonly CancellationTokenSource end = new();
    private List<TimestampedLine> lines = [];
    private LineSplitter? splitter;
    private byte[] buffer = [];
    private Stream? stream;
    private Task<int>? receiving;

    /// <summary>Whether the request returned a log, even if that is empty.</summary>
    public bool WasOpened => stream is not null;

    /// <summary>Whether the log was read to its end without an error.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Error that ended the connection; null if it is still open or was read to its end.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Unterminated last line of a connection that ended or was abandoned; empty if the last line was complete.</summary>
    public IReadOnlyList<TimestampedLine> UnterminatedLine { get; private set; } = [];

    /// <summary>Reads the next lines.</summary>
    /// <param name="silence">The maximum time to wait for a line.</param>
    /// <param name="cancellationToken">Token that cancels the wait.</param>
    /// <returns>The lines received; empty if none came in time, null once the connection has ended.</returns>
    public async Task<IReadOnlyList<TimestampedLine>?> ReadNext(TimeSpan silence, CancellationToken cancellationToken)
    {
        receiving ??= Receive();
        await ((Task)receiving).WaitAsync(silence, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        if (!receiving.IsCompleted)
            return [];
        var length = await receiving;
        receiving = null;
        splitter ??= new(MaxLineBytes, (line, cut) => lines.Add(TimestampedLine.Parse(LineText.From(line, cut))));
        splitter.Add(buffer.AsSpan(0, length));
        if (length > 0)
            return DrainLines();
        splitter.Complete();
        (UnterminatedLine, IsComplete) = (DrainLines(), Failure is null);
        return null;
    }

    /// <summary>Stops waiting for more lines.</summary>
    public void Abandon()
    {
        splitter?.Complete();
        UnterminatedLine = DrainLines();
    }

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        if (receiving is not null)
            await ((Task)receiving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (stream is not null)
            await stream.DisposeAsync();
        end.Dispose();
    }

    /// <summary>Returns the number of bytes received; 0 at the end of the log or after an error.</summary>
    private async Task<int> Receive()
    {
        try
        {
            stream ??= await open(end.Token);
            if (buffer.Length == 0)
                buffer = new byte[BufferSize];
            return stream is null ? 0 : await stream.ReadAsync(buffer, end.Token);
        }
        catch (Exception e)
        {
            Failure = e;
            return 0;
        }
    }

    private List<TimestampedLine> DrainLines()
    {
        var drained = lines;
        lines = [];
        return drained;
    }
}
