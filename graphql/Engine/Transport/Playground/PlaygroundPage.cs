using System.Reflection;
using DeployCard.Contracts.Access;
using Microsoft.AspNetCore.Http;

namespace DeployCard.GraphQL.Engine.Transport.Playground;

/// <summary>
/// Serves the page that a browser gets when it opens the endpoint. The page requires no token, but its GraphQL requests do.
/// </summary>
internal sealed class PlaygroundPage(ICallerAuthenticator authenticator)
{
    private readonly string page = Load();

    public static bool IsRequested(HttpRequest request) =>
        HttpMethods.IsGet(request.Method)
        && request.GetTypedHeaders().Accept.Any(media => media.MediaType == "text/html" && media.Quality is null or > 0);

    public async Task Send(HttpContext http)
    {
        var open = await authenticator.Authenticate(bearerToken: null, http.RequestAborted) is not null;
        PlaygroundSecurity.Apply(http.Response);
        http.Response.ContentType = "text/html; charset=utf-8";
        http.Response.Headers.CacheControl = "no-cache";
        var html = page.Replace("{{files}}", FilesOf(http.Request)).Replace("{{tokenRequired}}", open ? "false" : "true");
        await http.Response.WriteAsync(html, http.RequestAborted);
    }

    // Relative, because a proxy may serve the endpoint below a path that the server does not know.
    private static string FilesOf(HttpRequest request)
    {
        var path = request.Path.Value!;
        var last = path[(path.LastIndexOf('/') + 1)..];
        return last.Length == 0 ? PlaygroundFiles.Folder : $"{Uri.EscapeDataString(last)}/{PlaygroundFiles.Folder}";
    }

    private static string Load()
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream("Playground/index.html")!);
        return reader.ReadToEnd();
    }
}
