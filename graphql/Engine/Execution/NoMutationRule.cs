using DeployCard.GraphQL.Engine.Errors;
using GraphQL.Validation;
using GraphQLParser.AST;

namespace DeployCard.GraphQL.Engine.Execution;

/// <summary>GET only reads: else a link, a prefetch or an image in a page could change something.</summary>
internal sealed class NoMutationRule : ValidationRuleBase
{
    public override ValueTask<INodeVisitor?> GetPreNodeVisitorAsync(ValidationContext context)
    {
        if (context.Operation.Operation == OperationType.Mutation)
            context.ReportError(new RefusedError(ErrorCodes.MutationByGet, "A mutation needs POST."));
        return default;
    }
}
