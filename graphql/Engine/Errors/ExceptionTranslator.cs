using DeployCard.Grains.Cluster;
using DeployCard.Grains.Storage;
using GraphQL;
using GraphQL.Execution;
using Microsoft.Extensions.Logging;

namespace DeployCard.GraphQL.Engine.Errors;

/// <summary>
/// Turns what a resolver throws into what its caller may see: an <see cref="ApiException"/> as it is, a silo or a storage that is away as that,
/// anything else as a bug.
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
        if (Away(context.OriginalException) is { } away)
        {
            context.Exception = away;
            Log.Away(
                logger,
                context.FieldContext?.ParentType?.Name,
                context.FieldContext?.FieldDefinition.Name,
                away.Code!,
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

    private static ExecutionError? Away(Exception exception) =>
        ClusterFault.Is(exception)
            ? new(
                "The silo that holds it went away; another one takes over. If this was a change, read whether it was made before you try again."
            )
            {
                Code = ErrorCodes.SiloAway,
            }
        : StorageException.IsCauseOf(exception)
            ? new("The storage did not answer: nothing was changed. Try again.") { Code = ErrorCodes.StorageAway }
        : null;

    private static partial class Log
    {
        [LoggerMessage(2, LogLevel.Warning, "The GraphQL field {Type}.{Field} could not be answered; its caller was told {Code}: {Reason}")]
        public static partial void Away(ILogger logger, string? type, string? field, string code, string reason);

        [LoggerMessage(1, LogLevel.Error, "The GraphQL field {Type}.{Field} failed; its caller was told INTERNAL.")]
        public static partial void ResolverFailed(ILogger logger, string? type, string? field, Exception exception);
    }
}
