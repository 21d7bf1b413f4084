using DeployCard.GraphQL.Engine.Errors;
using GraphQL.Validation;
using GraphQLParser.AST;

namespace DeployCard.GraphQL.Engine.Execution;

/// <summary>Rejects mutations over GET. Otherwise a link, a prefetch or an image in a web page could change data.</summary>
internal sealed class NoMutationRule : ValidationRuleBase
{
    public override ValueTask<INodeVisitor?> GetPreNodeVisitorAsync(ValidationContext context)
    {
        if (context.Operation.Operation == OperationType.Mutation)
            context.ReportError(new RejectionError(ErrorCodes.MutationOverGet, "A mutation requires POST."));
        return default;
    }
}
