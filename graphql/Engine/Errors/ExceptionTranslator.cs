using DeployCard.Client.Cluster;
using DeployCard.Contracts.Storage;
using GraphQL;
using GraphQL.Execution;
using Microsoft.Extensions.Logging;

namespace DeployCard.GraphQL.Engine.Errors;

/// <summary>
/// Converts exceptions of resolvers to errors for the caller. An <see cref="ApiException"/> keeps its code and message, an unavailable silo
/// or storage gets its own code, and any other exception becomes an internal error.
/// </summary>
internal sealed partial class ExceptionTranslator(ILogger<ExceptionTranslator> logger)
{
    public Task Translate(UnhandledExceptionContext context)
    {
        if (context.OriginalException is ApiException known)
        {
            context.Exception = new ExecutionError(known.Message)
            {
                Code = known.Code,
                Extensions = new Dictionary<string, object?>(known.Extensions),
            };
            return Task.CompletedTask;
        }
        if (UnavailableError(context.OriginalException) is { } unavailable)
        {
            context.Exception = unavailable;
            Log.DependencyUnavailable(
                logger,
                context.FieldContext?.ParentType?.Name,
                context.FieldContext?.FieldDefinition.Name,
                unavailable.Code!,
                context.OriginalException.Message
            );
            return Task.CompletedTask;
        }
        context.ErrorMessage = "Internal error.";
        Log.ResolverFailed(
            logger,
            context.FieldContext?.ParentType?.Name,
            context.FieldContext?.FieldDefinition.Name,
            context.OriginalException
        );
        return Task.CompletedTask;
    }

    private static ExecutionError? UnavailableError(Exception exception) =>
        TransientErrors.IsGrainUnavailable(exception)
            ? new("The server of this object is being replaced. Retry a query; after a mutation, check first whether the change was made.")
            {
                Code = ErrorCodes.TemporarilyUnavailable,
            }
        : StorageException.IsCauseOf(exception)
            ? new("The storage is unavailable; nothing was changed. Retry later.") { Code = ErrorCodes.StorageUnavailable }
        : null;

    private static partial class Log
    {
        [LoggerMessage(2, LogLevel.Warning, "Resolving GraphQL field {Type}.{Field} failed; the caller received {Code}: {Reason}")]
        public static partial void DependencyUnavailable(ILogger logger, string? type, string? field, string code, string reason);

        [LoggerMessage(1, LogLevel.Error, "Resolving GraphQL field {Type}.{Field} failed unexpectedly; the caller received INTERNAL")]
        public static partial void ResolverFailed(ILogger logger, string? type, string? field, Exception exception);
    }
}
