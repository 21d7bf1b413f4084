using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace DeployCard.GraphQL.Engine.Transport;

/// <summary>Media type of a response, negotiated by the Accept header.</summary>
internal enum ResponseMedia
{
    /// <summary><c>application/json</c>; rejected operations also have status 200, as older clients expect.</summary>
    Json,

    /// <summary><c>application/graphql-response+json</c>; the status shows whether the operation was executed.</summary>
    GraphQLResponse,

    /// <summary><c>text/event-stream</c> for subscriptions and other operations.</summary>
    Events,
}

/// <summary>Negotiates the media type of responses and checks that of requests.</summary>
internal static class ResponseMediaNegotiation
{
    private const string Json = "application/json";
    private const string GraphQLResponse = "application/graphql-response+json";
    private const string Events = "text/event-stream";

    /// <summary>Returns the supported media type that the client prefers, or null if it accepts no supported one.</summary>
    public static ResponseMedia? Negotiate(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var wanted) || wanted.Count == 0)
            return ResponseMedia.Json;
        return wanted
            .Where(media => media.Quality is null or > 0 && IsUtf8(media))
            .OrderByDescending(media => media.Quality ?? 1)
            .Select(Parse)
            .FirstOrDefault(media => media is not null);
    }

    /// <summary>Returns the value of the Content-Type header.</summary>
    public static string ContentType(this ResponseMedia media) =>
        media switch
        {
            ResponseMedia.GraphQLResponse => GraphQLResponse,
            ResponseMedia.Events => Events,
            _ => Json,
        } + "; charset=utf-8";

    /// <summary>Returns whether the request body is JSON in UTF-8.</summary>
    public static bool IsJsonBody(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase)
        && IsUtf8(type);

    private static ResponseMedia? Parse(MediaTypeHeaderValue media)
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
