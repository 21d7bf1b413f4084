using Microsoft.AspNetCore.Http.Features;

namespace DeployCard.Tests.Echo;

/// <summary>Endpoints that read, ignore or transform the body of a request.</summary>
internal static class Bodies
{
    public static void MapBodies(this WebApplication app)
    {
        app.MapPost("/count/{**mark}", Count);
        app.MapPost("/reverse", Reverse);
        app.MapPost("/early/{code:int}", (int code) => Results.Text("not a byte of it was read", statusCode: code));
        app.MapPost("/request-trailers", Trailers);
    }

    private static async Task<long> Count(HttpContext context, CancellationToken cancellationToken)
    {
        var page = context.Features.GetRequiredFeature<Page>();
        var buffer = new byte[64 * 1024];
        long total = 0;
        while (await context.Request.Body.ReadAsync(buffer, cancellationToken) is var read and > 0)
        {
            total += read;
            page.Receive(read);
        }

        return total;
    }

    private static async Task<IResult> Reverse(HttpRequest request, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellationToken);
        var bytes = body.ToArray();
        Array.Reverse(bytes);
        return Results.Bytes(bytes, "application/octet-stream");
    }

    private static async Task<object> Trailers(HttpRequest request, CancellationToken cancellationToken) =>
        new
        {
            Body = await new StreamReader(request.Body).ReadToEndAsync(cancellationToken),
            Headers = request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString()),
            Trailers = request.CheckTrailersAvailable() ? request.GetTrailers() : [],
        };

    private static Dictionary<string, string> GetTrailers(this HttpRequest request) =>
        request.HttpContext.Features.Get<IHttpRequestTrailersFeature>()!.Trailers.ToDictionary(h => h.Key, h => h.Value.ToString());
}
