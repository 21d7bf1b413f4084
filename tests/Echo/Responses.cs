using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Mvc;

namespace DeployCard.Tests.Echo;

/// <summary>Endpoints whose response is described by the request of the test.</summary>
internal static class Responses
{
    public static void MapResponses(this WebApplication app)
    {
        app.MapGet(
            "/slow",
            async (int ms, CancellationToken ct) =>
            {
                await Task.Delay(TimeSpan.FromMilliseconds(ms), TimeProvider.System, ct);
                return "slept";
            }
        );
        app.Map("/answer/{code:int}", Respond);
        app.Map("/raw/{**mark}", RespondRaw);
        app.MapGet("/compressed", () => Results.Text(Compress("as it was compressed"), "text/plain"))
            .AddEndpointFilter(
                async (context, next) =>
                {
                    context.HttpContext.Response.Headers.ContentEncoding = "gzip";
                    return await next(context);
                }
            );
    }

    /// <summary>
    /// Responds with the headers of <c>?header=Name: value</c>, which can be repeated, and the body of <c>?body=text</c>.
    /// </summary>
    private static async Task Respond(HttpContext context, int code, [FromQuery] string[] header, string? body)
    {
        context.Response.StatusCode = code;
        foreach (var line in header)
        {
            var colon = line.IndexOf(':');
            context.Response.Headers.Append(line[..colon], line[(colon + 1)..].Trim());
        }

        if (body is not null)
            await context.Response.WriteAsync(body, context.RequestAborted);
    }

    /// <summary>Writes the bytes of <c>?text=…</c> directly to the connection, because Kestrel cannot send an invalid response.</summary>
    private static async Task RespondRaw(HttpContext context, string text)
    {
        var output = context.Features.Get<IConnectionTransportFeature>()!.Transport.Output;
        await output.WriteAsync(Encoding.Latin1.GetBytes(text), context.RequestAborted);
        // Keep the connection open until the client has read the response and closes it.
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
    }

    private static byte[] Compress(string text)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Optimal))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return bytes.ToArray();
    }
}
