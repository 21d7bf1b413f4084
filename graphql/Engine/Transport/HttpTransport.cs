using System.Security.Claims;
using DeployCard.Common.Text;
using DeployCard.Contracts.Access;
using DeployCard.GraphQL.Engine.Errors;
using DeployCard.GraphQL.Engine.Execution;
using GraphQL;
using GraphQL.Transport;
using Microsoft.AspNetCore.Http;

namespace DeployCard.GraphQL.Engine.Transport;

/// <summary>Implements GraphQL over HTTP: authenticates, reads the request, executes it and writes the response.</summary>
internal sealed class HttpTransport(
    ICallerAuthenticator authenticator,
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
            var user = await authenticator.Authenticate(BearerToken.Parse(http.Request.Headers.Authorization), http.RequestAborted);
            if (user is null)
                await writer.WriteUnauthenticated(http);
            else
                await Respond(http, user);
        }
        catch (RejectedRequestException rejection)
        {
            await writer.WriteRejection(http, rejection);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client has disconnected; no response is needed.
        }
    }

    private async Task Respond(HttpContext http, ClaimsPrincipal user)
    {
        Preflight.Require(http.Request);
        var media = ResponseMediaNegotiation.Negotiate(http.Request) ?? throw NotAcceptable();
        var request = await reader.Read(http);
        http.User = user;
        if (media == ResponseMedia.Events)
            await events.Send(http, request);
        else
            await RespondOnce(http, request, media);
    }

    private async Task RespondOnce(HttpContext http, GraphQLRequest request, ResponseMedia media)
    {
        var readOnly = HttpMethods.IsGet(http.Request.Method);
        var result = await runner.Run(request, http.User, http.RequestServices, readOnly, http.RequestAborted);
        if (result.Streams is not null)
            throw NeedsStream();
        if (result.Errors?.Any(error => error.Code == ErrorCodes.MutationOverGet) == true)
            throw new RejectedRequestException(
                StatusCodes.Status405MethodNotAllowed,
                ErrorCodes.MutationOverGet,
                "A mutation requires POST.",
                allow: "POST"
            );
        await writer.Write(http, media, StatusOf(result, media), result);
    }

    private static RejectedRequestException NotAcceptable() =>
        new(
            StatusCodes.Status406NotAcceptable,
            ErrorCodes.InvalidRequest,
            "Accept application/graphql-response+json, application/json or text/event-stream."
        );

    private static RejectedRequestException NeedsStream() =>
        new(
            StatusCodes.Status400BadRequest,
            ErrorCodes.SubscriptionRequiresStream,
            "A subscription requires a WebSocket or Accept: text/event-stream."
        );

    // Clients that send only a hash expect the error for an unknown hash in a response with status 200.
    private static int StatusOf(ExecutionResult result, ResponseMedia media) =>
        result.Executed || media == ResponseMedia.Json || result.Errors is [{ Code: ErrorCodes.PersistedQueryNotFound }]
            ? StatusCodes.Status200OK
            : StatusCodes.Status400BadRequest;
}
