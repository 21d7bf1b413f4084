using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>HTTP/1.1 by hand, for what no client library would send or tell.</summary>
internal sealed class RawConnection : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Socket socket;
    private readonly NetworkStream stream;
    private readonly CancellationTokenSource late;
    private readonly byte[] one = new byte[1];

    private RawConnection(Socket socket, CancellationToken cancellationToken)
    {
        this.socket = socket;
        stream = new(socket, ownsSocket: true);
        late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(Patience);
    }

    public static async Task<RawConnection> Open(int port, CancellationToken cancellationToken)
    {
        var connected = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await connected.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken);
        return new(connected, cancellationToken);
    }

    public Task Write(string text) => Write(Encoding.Latin1.GetBytes(text));

    public async Task Write(ReadOnlyMemory<byte> bytes) => await stream.WriteAsync(bytes, late.Token);

    /// <summary>Writes where the other side may have closed already.</summary>
    public async Task TryWrite(string text)
    {
        try
        {
            await Write(text);
        }
        catch (IOException) { }
    }

    /// <summary>One chunk of a body.</summary>
    public Task WriteChunk(string text) => Write($"{Encoding.Latin1.GetByteCount(text):x}\r\n{text}\r\n");

    /// <summary>Says that nothing more will come.</summary>
    public void EndWriting() => socket.Shutdown(SocketShutdown.Send);

    /// <summary>Goes away as a process does that is killed: by a reset.</summary>
    public void Abort()
    {
        socket.LingerState = new(enable: true, seconds: 0);
        socket.Close();
    }

    /// <summary>The status line and the fields, each on a line, without the empty line that ends them.</summary>
    public async Task<string> ReadHead()
    {
        var head = new StringBuilder();
        while (await ReadLine() is { Length: > 0 } line)
            head.Append(line).Append('\n');
        return head.ToString();
    }

    public async Task<string> ReadLine()
    {
        var line = new StringBuilder();
        while (await ReadByte() is var next and not '\n')
            line.Append((char)next);
        return line.ToString().TrimEnd('\r');
    }

    public async Task<string> ReadChunk()
    {
        var length = Convert.ToInt32(await ReadLine(), 16);
        var chunk = await ReadText(length);
        (await ReadLine()).ShouldBeEmpty();
        return chunk;
    }

    /// <summary>An answer with its body; where the head does not tell its end, it ends with the connection.</summary>
    public async Task<RawAnswer> ReadAnswer()
    {
        var head = await ReadHead();
        if (!head.Contains("\nTransfer-Encoding: chunked\n", StringComparison.OrdinalIgnoreCase))
            return new(head, RawAnswer.LengthIn(head) is { } length ? await ReadText(length) : await ReadToEnd());
        var body = new StringBuilder();
        while (await ReadChunk() is { Length: > 0 } chunk)
            body.Append(chunk);
        return new(head, body.ToString());
    }

    public async Task<string> ReadText(int length) => Encoding.Latin1.GetString(await ReadBytes(length));

    public async Task<byte[]> ReadBytes(int length)
    {
        var bytes = new byte[length];
        await stream.ReadExactlyAsync(bytes, late.Token);
        return bytes;
    }

    /// <summary>All that comes until the other side closes; a reset is such an end, too.</summary>
    public async Task<string> ReadToEnd()
    {
        var all = new StringBuilder();
        var buffer = new byte[16 * 1024];
        try
        {
            while (await stream.ReadAsync(buffer, late.Token) is var read and > 0)
                all.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }
        catch (IOException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset }) { }

        return all.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync();
        late.Dispose();
    }

    private async Task<int> ReadByte() =>
        await stream.ReadAsync(one, late.Token) == 0 ? throw new EndOfStreamException("The other side closed.") : one[0];
}

/// <summary>An answer as it came.</summary>
internal sealed record RawAnswer(string Head, string Body)
{
    public int Status => int.Parse(Head.Split(' ')[1]);

    public static int? LengthIn(string head)
    {
        const string Field = "\nContent-Length: ";
        var at = head.IndexOf(Field, StringComparison.OrdinalIgnoreCase);
        return at < 0 ? null : int.Parse(head[(at + Field.Length)..head.IndexOf('\n', at + 1)]);
    }
}
