using System.Diagnostics;
using System.Security.Claims;
using DeployCard.GraphQL.Engine.Errors;
using GraphQL;
using GraphQL.Transport;
using GraphQL.Types;
using GraphQL.Validation;

namespace DeployCard.GraphQL.Engine.Execution;

/// <summary>Executes requests of all transports; the only caller of the library's executer.</summary>
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
    // These rules depend on the operation and the variables of a request, so cached documents must be checked again. Otherwise GET could
    // run a mutation that was posted once, and variables could request a million nodes. The limits are skipped for documents whose
    // complexity does not depend on variables.
    private static readonly IValidationRule[] ReadOnly = [new NoMutationRule()];
    private readonly IValidationRule[] limits = [limits, introspection];

    /// <summary>
    /// Executes a request and returns its result; for a subscription, a result with streams. Throws if the operation is canceled.
    /// </summary>
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
        metrics.RecordOperation(result, started);
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
        if (known is null && tokens.Validate(query) is { } rejection)
            return new() { Errors = [rejection] };
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
