using System.Diagnostics;
using System.Security.Claims;
using DeployCard.GraphQL.Engine.Errors;
using GraphQL;
using GraphQL.Transport;
using GraphQL.Types;
using GraphQL.Validation;

namespace DeployCard.GraphQL.Engine.Execution;

/// <summary>Runs one request: the only caller of the library's executer, whatever the transport.</summary>
internal sealed class OperationRunner(
    IDocumentExecuter executer,
    ISchema schema,
    DocumentCache documents,
    PersistedOperations persisted,
    TokenLimit tokens,
    AliasRule aliases,
    LimitRule limits,
    IntrospectionRule introspection,
    ExceptionTranslator exceptions,
    OperationMetrics metrics
)
{
    // These look at the request (its operation, its variables) and not at the document alone, so a document from the cache must
    // meet them again: else a mutation that has been posted once could be run by GET, and variables could ask for a million nodes. The limits
    // are left out where no variable can make the document grow.
    private static readonly IValidationRule[] ReadOnly = [new NoMutationRule()];
    private readonly IValidationRule[] limits = [limits, introspection];

    /// <summary>The result, or a result with streams for a subscription. Cancellation throws.</summary>
    public async Task<ExecutionResult> Run(
        GraphQLRequest request,
        ClaimsPrincipal user,
        IServiceProvider services,
        bool readOnly,
        CancellationToken cancellationToken
    )
    {
        var started = Stopwatch.GetTimestamp();
        var result = await Execute(request, user, services, readOnly, cancellationToken);
        metrics.Ran(result, started);
        return result;
    }

    private async Task<ExecutionResult> Execute(
        GraphQLRequest request,
        ClaimsPrincipal user,
        IServiceProvider services,
        bool readOnly,
        CancellationToken cancellationToken
    )
    {
        var (query, problem) = persisted.Resolve(request);
        if (query is null)
            return new() { Errors = [problem!] };
        var known = documents.Find(query);
        if (known is null && tokens.Refusal(query) is { } refusal)
            return new() { Errors = [refusal] };
        IValidationRule[] everyTime = [.. known is { IsWithinLimits: true } ? [] : this.limits, .. readOnly ? ReadOnly : []];
        var result = await executer.ExecuteAsync(
            new()
            {
                Schema = schema,
                Query = query,
                Document = known?.Document,
                ValidationRules = known is null ? [.. DocumentValidator.CoreRules, aliases, .. everyTime] : everyTime,
                OperationName = request.OperationName,
                Variables = request.Variables,
                Extensions = request.Extensions,
                User = user,
                RequestServices = services,
                UnhandledExceptionDelegate = exceptions.Translate,
                CancellationToken = cancellationToken,
            }
        );
        if (known is null && result is { Executed: true, Document: { } document })
            await documents.Add(query, document);
        return result;
    }
}
