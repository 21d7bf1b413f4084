using System.Collections.Frozen;
using System.IO.Compression;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;

namespace DeployCard.GraphQL.Engine.Transport.Playground;

/// <summary>
/// Serves the files of the playground, which are embedded in the assembly in Brotli-compressed form (see <c>graphql/Playground</c>).
/// </summary>
internal sealed class PlaygroundFiles
{
    /// <summary>Name of the folder below the endpoint's path.</summary>
    public const string Folder = "playground";

    private const string Prefix = "Playground/";
    private const string Compressed = ".br";

    private readonly FrozenDictionary<string, PlaygroundFile> files = Load().ToFrozenDictionary(file => file.Name);

    /// <summary>Sends one file, or 304 if the browser has the current version.</summary>
    public Task Send(HttpContext http, string name)
    {
        PlaygroundSecurity.Apply(http.Response);
        if (!files.TryGetValue(name, out var file))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }
        var headers = http.Response.GetTypedHeaders();
        headers.ETag = file.Tag;
        headers.CacheControl = new() { NoCache = true }; // always revalidate, because the files change with the server's version
        http.Response.Headers.Vary = HeaderNames.AcceptEncoding;
        if (http.Request.GetTypedHeaders().IfNoneMatch.Any(known => known.Compare(file.Tag, useStrongComparison: false)))
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }
        http.Response.ContentType = file.ContentType;
        return AcceptsBrotli(http.Request) ? SendCompressed(http, file) : SendPlain(http, file);
    }

    private static bool AcceptsBrotli(HttpRequest request) =>
        request.GetTypedHeaders().AcceptEncoding.Any(encoding => encoding.Value == "br" && encoding.Quality is null or > 0);

    private static async Task SendCompressed(HttpContext http, PlaygroundFile file)
    {
        http.Response.Headers.ContentEncoding = "br";
        http.Response.ContentLength = file.Content.Length;
        await http.Response.Body.WriteAsync(file.Content, http.RequestAborted);
    }

    private static async Task SendPlain(HttpContext http, PlaygroundFile file)
    {
        await using var plain = new BrotliStream(new MemoryStream(file.Content), CompressionMode.Decompress);
        await plain.CopyToAsync(http.Response.Body, http.RequestAborted);
    }

    private static IEnumerable<PlaygroundFile> Load()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var types = new FileExtensionContentTypeProvider();
        foreach (var resource in assembly.GetManifestResourceNames().Where(IsFile))
        {
            using var content = assembly.GetManifestResourceStream(resource)!;
            var bytes = new byte[content.Length];
            content.ReadExactly(bytes);
            var name = resource[Prefix.Length..^Compressed.Length];
            yield return new(name, types.TryGetContentType(name, out var type) ? type : "application/octet-stream", bytes);
        }
    }

    private static bool IsFile(string resource) =>
        resource.StartsWith(Prefix, StringComparison.Ordinal) && resource.EndsWith(Compressed, StringComparison.Ordinal);

    private sealed record PlaygroundFile(string Name, string ContentType, byte[] Content)
    {
        public EntityTagHeaderValue Tag { get; } = new($"\"{Convert.ToHexString(SHA256.HashData(Content), 0, 16)}\"", isWeak: true);
    }
}
