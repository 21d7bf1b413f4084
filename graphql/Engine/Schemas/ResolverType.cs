using System.Linq.Expressions;
using System.Reflection;
using DeployCard.GraphQL.Engine.Execution;
using GraphQL;
using GraphQL.Types;
using Microsoft.Extensions.DependencyInjection;

namespace DeployCard.GraphQL.Engine.Schemas;

/// <summary>
/// Builds the fields of one resolver class, which are then added to their root type. The instance comes from the operation's service scope.
/// </summary>
internal sealed class ResolverType<T>(IServiceProviderIsService services) : OutputType<T>(services)
    where T : class
{
    private static readonly Expression<Func<IResolveFieldContext, T>> Instance = field => field.RequestServices!.GetRequiredService<T>();
    private static readonly MethodInfo ArgumentOfType = typeof(ResolverType<T>).GetMethod(
        nameof(Argument),
        BindingFlags.Static | BindingFlags.NonPublic
    )!;

    protected override LambdaExpression BuildMemberInstanceExpression(MemberInfo memberInfo) => Instance;

    /// <summary>Returns only the methods; properties of a resolver class are not part of the schema.</summary>
    protected override IEnumerable<MemberInfo> GetRegisteredMembers() => base.GetRegisteredMembers().OfType<MethodInfo>();

    protected override FieldType? CreateField(MemberInfo memberInfo)
    {
        var field = base.CreateField(memberInfo);
        if (field is not null && memberInfo is MethodInfo method && IsStream(method.ReturnType))
            field.StreamResolver = new PulledStreamResolver(method, Instance, ArgumentsOf(method, field));
        return field;
    }

    private static bool IsStream(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>);

    // The library has already built these expressions for its own resolver, but does not expose them.
    private List<LambdaExpression> ArgumentsOf(MethodInfo method, FieldType field)
    {
        var declared = new Queue<QueryArgument>(field.Arguments ?? []);
        return [.. method.GetParameters().Select(parameter => FromContext(parameter, field) ?? FromRequest(parameter, declared.Dequeue()))];
    }

    private LambdaExpression? FromContext(ParameterInfo parameter, FieldType field) =>
        (
            (ArgumentInformation)
                typeof(ResolverType<T>)
                    .GetMethod(nameof(GetArgumentInformation), BindingFlags.Instance | BindingFlags.NonPublic)!
                    .MakeGenericMethod(parameter.ParameterType)
                    .Invoke(this, [field, parameter])!
        ).Expression;

    private static LambdaExpression FromRequest(ParameterInfo parameter, QueryArgument argument)
    {
        var context = Expression.Parameter(typeof(IResolveFieldContext));
        return Expression.Lambda(
            Expression.Call(ArgumentOfType.MakeGenericMethod(parameter.ParameterType), context, Expression.Constant(argument)),
            context
        );
    }

    private static TArgument? Argument<TArgument>(IResolveFieldContext field, QueryArgument argument) =>
        field.GetArgument<TArgument>(argument.Name);
}
