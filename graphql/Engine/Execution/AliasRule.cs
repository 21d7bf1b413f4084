using DeployCard.GraphQL.Engine.Errors;
using GraphQL.Validation;
using GraphQLParser.AST;
using Microsoft.Extensions.Options;

namespace DeployCard.GraphQL.Engine.Execution;

/// <summary>Bounds how often an operation may ask for the same under other names: a login tried a thousand times, say, in one request.</summary>
internal sealed class AliasRule(IOptions<GraphQLOptions> options) : ValidationRuleBase
{
    private readonly int most = options.Value.MaxAliases;

    public override ValueTask<INodeVisitor?> GetPreNodeVisitorAsync(ValidationContext context)
    {
        var count = 0;
        return new(
            new MatchingNodeVisitor<GraphQLAlias>(
                (_, context) =>
                {
                    if (++count == most + 1)
                        context.ReportError(new RefusedError(ErrorCodes.TooManyAliases, $"The document has more than {most} aliases."));
                }
            )
        );
    }
}
