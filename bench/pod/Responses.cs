using System.Text;

namespace DeployCard.Bench.Pod;

/// <summary>Responses of the pod, which depend on the path only. Like a model, the pod reads the whole request first.</summary>
internal static class Responses
{
    private const string DownloadPath = "/download/";
    private const string WhilePath = "/while/";
    private const string FloodPath = "/flood/";
    private const string TicksPath = "/ticks/";
    private const int ChunkBytes = 64 * 1024;

    private static readonly byte[] Small = CreateJson(1024);
    private static readonly byte[] Large = CreateJson(100 * 1024);
    private static readonly byte[] Chunk = new byte[ChunkBytes];

    /// <summary>Port that the pod listens on, from the environment variable <c>PORT</c>; default 8081.</summary>
    public static string Port { get; } = Environment.GetEnvironmentVariable("PORT") ?? "8081";

    /// <summary>
    /// Responds to <c>/healthz</c>, <c>/large</c> (100 KiB of JSON), <c>/count</c> (number of bytes of the request body),
    /// <c>/download/{bytes}</c>, <c>/port</c> (port of this pod), <c>/never</c> (no response), <c>/while/{file}</c> (a prediction when the
    /// file no longer exists; its path is percent-encoded), <c>/flood/{log|nothing}/{lines per second}/{milliseconds}</c> and
    /// <c>/ticks/{count}/{milliseconds}</c> (see <see cref="LineWriter"/>). Any other path returns a prediction: 1 KiB of JSON.
    /// </summary>
    public static async Task Write(HttpContext context)
    {
        var received = await Drain(context);
        await (
            (context.Request.Path.Value ?? "") switch
            {
                "/healthz" => context.Response.WriteAsync("ok", context.RequestAborted),
                "/large" => Write(context, Large),
                "/count" => context.Response.WriteAsync($"{received}", context.RequestAborted),
                "/port" => context.Response.WriteAsync(Port, context.RequestAborted),
                var path when path.StartsWith(DownloadPath, StringComparison.Ordinal) => Download(
                    context,
                    long.Parse(path[DownloadPath.Length..])
                ),
                "/never" => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted),
                var path when path.StartsWith(WhilePath, StringComparison.Ordinal) => WriteAfter(
                    context,
                    Uri.UnescapeDataString(path[WhilePath.Length..])
                ),
                var path when path.StartsWith(FloodPath, StringComparison.Ordinal) => Flood(context, path[FloodPath.Length..].Split('/')),
                var path when path.StartsWith(TicksPath, StringComparison.Ordinal) => Ticks(context, path[TicksPath.Length..].Split('/')),
                _ => Write(context, Small),
            }
        );
    }

    private static async ValueTask<long> Drain(HttpContext context)
    {
        var total = 0L;
        while (true)
        {
            var read = await context.Request.BodyReader.ReadAsync(context.RequestAborted);
            total += read.Buffer.Length;
            context.Request.BodyReader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                return total;
        }
    }

    private static async Task WriteAfter(HttpContext context, string file)
    {
        while (File.Exists(file))
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, context.RequestAborted);
        await Write(context, Small);
    }

    private static async Task Flood(HttpContext context, string[] segments)
    {
        var written = await LineWriter.WriteFlood(
            segments[0] == "log",
            int.Parse(segments[1]),
            TimeSpan.FromMilliseconds(int.Parse(segments[2])),
            context.RequestAborted
        );
        await context.Response.WriteAsync($"{written}", context.RequestAborted);
    }

    private static async Task Ticks(HttpContext context, string[] segments)
    {
        await LineWriter.WriteTicks(int.Parse(segments[0]), TimeSpan.FromMilliseconds(int.Parse(segments[1])), context.RequestAborted);
        await context.Response.WriteAsync(segments[0], context.RequestAborted);
    }

    private static Task Write(HttpContext context, byte[] json)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = json.Length;
        return context.Response.Body.WriteAsync(json, context.RequestAborted).AsTask();
    }

    private static async Task Download(HttpContext context, long bytes)
    {
        context.Response.ContentLength = bytes;
        for (; bytes > 0; bytes -= ChunkBytes)
            await context.Response.Body.WriteAsync(Chunk.AsMemory(0, (int)Math.Min(bytes, ChunkBytes)), context.RequestAborted);
    }

    private static byte[] CreateJson(int length)
    {
        const string Head = "{\"predictions\":[0";
        const string Tail = "]}";
        var json = new StringBuilder(Head, length);
        while (json.Length + Tail.Length + ",1".Length <= length)
            json.Append(",1");
        return Encoding.ASCII.GetBytes(json.Append(' ', length - Tail.Length - json.Length).Append(Tail).ToString());
    }
}
