using System.Security.Claims;
using DeployCard.GraphQL.Engine.Errors;
using DeployCard.GraphQL.Engine.Execution;
using GraphQL;
using GraphQL.Transport;
using Microsoft.AspNetCore.Http;

namespace DeployCard.GraphQL.Engine.Transport;

/// <summary>GraphQL over HTTP: who, what, run, answer.</summary>
internal sealed class HttpTransport(
    IGraphQLAuthenticator authenticator,
    RequestReader reader,
    OperationRunner runner,
    ResponseWriter writer,
    EventStreamTransport events
)
{
    public async Task Handle(HttpContext http)
    {
        try
        {
            var user = await authenticator.Authenticate(BearerToken.Of(http.Request), http.RequestAborted);
            if (user is null)
                await writer.RefuseUnauthenticated(http);
            else
                await Answer(http, user);
        }
        catch (RefusedRequestException refusal)
        {
            await writer.Refuse(http, refusal);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client has left: there is nobody to answer.
        }
    }

    private async Task Answer(HttpContext http, ClaimsPrincipal user)
    {
        Preflight.Require(http.Request);
        var media = ResponseMediaNegotiation.Of(http.Request) ?? throw NotAcceptable();
        var request = await reader.Read(http);
        http.User = user;
        if (media == ResponseMedia.Events)
            await events.Send(http, request);
        else
            await AnswerOnce(http, request, media);
    }

    private async Task AnswerOnce(HttpContext http, GraphQLRequest request, ResponseMedia media)
    {
        var readOnly = HttpMethods.IsGet(http.Request.Method);
        var result = await runner.Run(request, http.User, http.RequestServices, readOnly, http.RequestAborted);
        if (result.Streams is not null)
            throw NeedsStream();
        if (result.Errors?.Any(error => error.Code == ErrorCodes.MutationByGet) == true)
            throw new RefusedRequestException(
                StatusCodes.Status405MethodNotAllowed,
                ErrorCodes.MutationByGet,
                "A mutation needs POST.",
                allow: "POST"
            );
        await writer.Write(http, media, StatusOf(result, media), result);
    }

    private static RefusedRequestException NotAcceptable() =>
        new(
            StatusCodes.Status406NotAcceptable,
            ErrorCodes.InvalidRequest,
            "Accept application/graphql-response+json, application/json or text/event-stream."
        );

    private static RefusedRequestException NeedsStream() =>
        new(
            StatusCodes.Status400BadRequest,
            ErrorCodes.StreamNeedsEvents,
            "A subscription needs a WebSocket, or Accept: text/event-stream."
        );

    // Clients that send a hash first expect to be told in an answer like any other that it is not known.
    private static int StatusOf(ExecutionResult result, ResponseMedia media) =>
        result.Executed || media == ResponseMedia.Json || result.Errors is [{ Code: ErrorCodes.PersistedQueryNotFound }]
            ? StatusCodes.Status200OK
            : StatusCodes.Status400BadRequest;
}
