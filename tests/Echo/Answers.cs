using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Mvc;

namespace DeployCard.Tests.Echo;

/// <summary>Answers as a test writes them into its request.</summary>
internal static class Answers
{
    public static void MapAnswers(this WebApplication app)
    {
        app.MapGet(
            "/slow",
            async (int ms, CancellationToken ct) =>
            {
                await Task.Delay(TimeSpan.FromMilliseconds(ms), TimeProvider.System, ct);
                return "slept";
            }
        );
        app.Map("/answer/{code:int}", Answer);
        app.Map("/raw/{**mark}", Raw);
        app.MapGet("/compressed", () => Results.Text(Compressed("as it was compressed"), "text/plain"))
            .AddEndpointFilter(
                async (context, next) =>
                {
                    context.HttpContext.Response.Headers.ContentEncoding = "gzip";
                    return await next(context);
                }
            );
    }

    /// <summary><c>?header=Name: value</c>, any number of them, and <c>?body=text</c>.</summary>
    private static async Task Answer(HttpContext context, int code, [FromQuery] string[] header, string? body)
    {
        context.Response.StatusCode = code;
        foreach (var field in header)
        {
            var colon = field.IndexOf(':');
            context.Response.Headers.Append(field[..colon], field[(colon + 1)..].Trim());
        }

        if (body is not null)
            await context.Response.WriteAsync(body, context.RequestAborted);
    }

    /// <summary>The bytes in <c>?text=…</c> past the server, which would not send many an answer.</summary>
    private static async Task Raw(HttpContext context, string text)
    {
        var output = context.Features.Get<IConnectionTransportFeature>()!.Transport.Output;
        await output.WriteAsync(Encoding.Latin1.GetBytes(text), context.RequestAborted);
        // Until the other side has it and goes.
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
    }

    private static byte[] Compressed(string text)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Optimal))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return bytes.ToArray();
    }
}
