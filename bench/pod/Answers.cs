using System.Text;

namespace DeployCard.Bench.Pod;

/// <summary>What the pod answers, by the path alone. Like a model, it reads the whole request first.</summary>
internal static class Answers
{
    private const string DownloadPath = "/download/";
    private const string WhilePath = "/while/";
    private const string FloodPath = "/flood/";
    private const string TicksPath = "/ticks/";
    private const int PieceBytes = 64 * 1024;

    private static readonly byte[] Small = Json(1024);
    private static readonly byte[] Large = Json(100 * 1024);
    private static readonly byte[] Piece = new byte[PieceBytes];

    public static string Port { get; } = Environment.GetEnvironmentVariable("PORT") ?? "8081";

    /// <summary>
    /// <c>/healthz</c>, <c>/large</c> (100 KiB of JSON), <c>/count</c> (the bytes of the request), <c>/download/{bytes}</c>,
    /// <c>/port</c> (where this pod listens), <c>/never</c> (waits for ever), <c>/while/{file}</c> (a prediction once that file is gone, its path
    /// percent-encoded), <c>/flood/{log|nothing}/{per second}/{milliseconds}</c> and <c>/ticks/{count}/{milliseconds}</c> (see <see cref="Chatter"/>);
    /// anything else is a prediction: 1 KiB of JSON.
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

    private static async Task Flood(HttpContext context, string[] given)
    {
        var written = await Chatter.Flood(
            given[0] == "log",
            int.Parse(given[1]),
            TimeSpan.FromMilliseconds(int.Parse(given[2])),
            context.RequestAborted
        );
        await context.Response.WriteAsync($"{written}", context.RequestAborted);
    }

    private static async Task Ticks(HttpContext context, string[] given)
    {
        await Chatter.Tick(int.Parse(given[0]), TimeSpan.FromMilliseconds(int.Parse(given[1])), context.RequestAborted);
        await context.Response.WriteAsync(given[0], context.RequestAborted);
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
        for (; bytes > 0; bytes -= PieceBytes)
            await context.Response.Body.WriteAsync(Piece.AsMemory(0, (int)Math.Min(bytes, PieceBytes)), context.RequestAborted);
    }

    private static byte[] Json(int length)
    {
        const string Head = "{\"predictions\":[0";
        const string Tail = "]}";
        var json = new StringBuilder(Head, length);
        while (json.Length + Tail.Length + ",1".Length <= length)
            json.Append(",1");
        return Encoding.ASCII.GetBytes(json.Append(' ', length - Tail.Length - json.Length).Append(Tail).ToString());
    }
}
