using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>HTTP/1.1 over a plain socket, for messages that no client library would send or expose.</summary>
internal sealed class RawConnection : IAsyncDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly Socket socket;
    private readonly NetworkStream stream;
    private readonly CancellationTokenSource timeout;
    private readonly byte[] one = new byte[1];

    private RawConnection(Socket socket, CancellationToken cancellationToken)
    {
        this.socket = socket;
        stream = new(socket, ownsSocket: true);
        timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Timeout);
    }

    public static async Task<RawConnection> Open(int port, CancellationToken cancellationToken)
    {
        var connected = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await connected.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken);
        return new(connected, cancellationToken);
    }

    public Task Write(string text) => Write(Encoding.Latin1.GetBytes(text));

    public async Task Write(ReadOnlyMemory<byte> bytes) => await stream.WriteAsync(bytes, timeout.Token);

    /// <summary>Writes text; ignores the error if the peer has closed the connection.</summary>
    public async Task TryWrite(string text)
    {
        try
        {
            await Write(text);
        }
        catch (IOException) { }
    }

    /// <summary>Writes one chunk of a chunked body.</summary>
    public Task WriteChunk(string text) => Write($"{Encoding.Latin1.GetByteCount(text):x}\r\n{text}\r\n");

    /// <summary>Closes the sending direction of the connection.</summary>
    public void ShutdownSend() => socket.Shutdown(SocketShutdown.Send);

    /// <summary>Closes the connection with a reset, as happens when a process is killed.</summary>
    public void Abort()
    {
        socket.LingerState = new(enable: true, seconds: 0);
        socket.Close();
    }

    /// <summary>Reads the status line and the headers, one per line, without the empty line that ends the headers.</summary>
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

    /// <summary>
    /// Reads a response with its body. If the headers do not define the body's length, the body ends with the connection.
    /// </summary>
    public async Task<RawResponse> ReadResponse()
    {
        var head = await ReadHead();
        if (!head.Contains("\nTransfer-Encoding: chunked\n", StringComparison.OrdinalIgnoreCase))
            return new(head, RawResponse.LengthIn(head) is { } length ? await ReadText(length) : await ReadToEnd());
        var body = new StringBuilder();
        while (await ReadChunk() is { Length: > 0 } chunk)
            body.Append(chunk);
        return new(head, body.ToString());
    }

    public async Task<string> ReadText(int length) => Encoding.Latin1.GetString(await ReadBytes(length));

    public async Task<byte[]> ReadBytes(int length)
    {
        var bytes = new byte[length];
        await stream.ReadExactlyAsync(bytes, timeout.Token);
        return bytes;
    }

    /// <summary>Reads all text until the peer closes or resets the connection.</summary>
    public async Task<string> ReadToEnd()
    {
        var all = new StringBuilder();
        var buffer = new byte[16 * 1024];
        try
        {
            while (await stream.ReadAsync(buffer, timeout.Token) is var read and > 0)
                all.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }
        catch (IOException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset }) { }

        return all.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync();
        timeout.Dispose();
    }

    private async Task<int> ReadByte() =>
        await stream.ReadAsync(one, timeout.Token) == 0 ? throw new EndOfStreamException("The peer closed the connection.") : one[0];
}

/// <summary>A response as it was received.</summary>
internal sealed record RawResponse(string Head, string Body)
{
    public int Status => int.Parse(Head.Split(' ')[1]);

    public static int? LengthIn(string head)
    {
        const string Header = "\nContent-Length: ";
        var at = head.IndexOf(Header, StringComparison.OrdinalIgnoreCase);
        return at < 0 ? null : int.Parse(head[(at + Header.Length)..head.IndexOf('\n', at + 1)]);
    }
}
