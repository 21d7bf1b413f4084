using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace DeployCard.GraphQL.Engine.Transport;

/// <summary>What the client wants to read, by its Accept header.</summary>
internal enum ResponseMedia
{
    /// <summary><c>application/json</c>, where a refused operation is still a 200: old clients want that.</summary>
    Json,

    /// <summary><c>application/graphql-response+json</c>, whose status tells whether the operation ran.</summary>
    GraphQLResponse,

    /// <summary><c>text/event-stream</c>.</summary>
    Events,
}

/// <summary>Reads the Accept header, and names the media types.</summary>
internal static class ResponseMediaNegotiation
{
    private const string Json = "application/json";
    private const string GraphQLResponse = "application/graphql-response+json";
    private const string Events = "text/event-stream";

    /// <summary>The best that we have; null when the client wants nothing of it.</summary>
    public static ResponseMedia? Of(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var wanted) || wanted.Count == 0)
            return ResponseMedia.Json;
        return wanted
            .Where(media => media.Quality is null or > 0 && IsUtf8(media))
            .OrderByDescending(media => media.Quality ?? 1)
            .Select(Of)
            .FirstOrDefault(media => media is not null);
    }

    /// <summary>The value of Content-Type.</summary>
    public static string ContentType(this ResponseMedia media) =>
        media switch
        {
            ResponseMedia.GraphQLResponse => GraphQLResponse,
            ResponseMedia.Events => Events,
            _ => Json,
        } + "; charset=utf-8";

    /// <summary>Is the body that a client sent JSON as we read it?</summary>
    public static bool IsJsonBody(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase)
        && IsUtf8(type);

    private static ResponseMedia? Of(MediaTypeHeaderValue media)
    {
        if (media.MediaType.Equals(GraphQLResponse, StringComparison.OrdinalIgnoreCase))
            return ResponseMedia.GraphQLResponse;
        if (media.MediaType.Equals(Events, StringComparison.OrdinalIgnoreCase))
            return ResponseMedia.Events;
        var anyJson = media.MatchesAllTypes || media.MediaType.Equals("application/*", StringComparison.OrdinalIgnoreCase);
        return anyJson || media.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase) ? ResponseMedia.Json : null;
    }

    private static bool IsUtf8(MediaTypeHeaderValue media) =>
        !media.Charset.HasValue || media.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase);
}
